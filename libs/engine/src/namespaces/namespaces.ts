/** Where people's things live until there are tenants. */
export const DEFAULT_NAMESPACE = 'default';

/** The built-in functions and workflows. Everybody sees them, nobody's own name is hidden by them. */
export const SYSTEM_NAMESPACE = 'spool';

/** The bucket of our own: code archives. No trigger may listen to it. */
export const SYSTEM_BUCKET = 'spool-system';
