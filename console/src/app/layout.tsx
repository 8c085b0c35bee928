import { NavLink, Outlet, ScrollRestoration } from 'react-router';
import { forgetKey } from '../api/session-key.js';
import { Icon } from '../ui/icon.js';

const places = [
  'executions',
  'workflows',
  'functions',
  'triggers',
  'events',
  'dead-letters',
  'buckets',
  'executors',
  'instances',
  'usage',
  'quotas',
] as const;

export function Layout() {
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="top">
        <div className="top-inner">
          <NavLink to="/executions" className="brand">
            <Icon name="spool" size={20} />
            Spool
          </NavLink>
          <nav aria-label="Main">
            {places.map((place) => (
              <NavLink key={place} to={`/${place}`} className="nav-link">
                {place.charAt(0).toUpperCase() + place.slice(1).replace('-', ' ')}
              </NavLink>
            ))}
          </nav>
          <div className="top-end">
            <a className="nav-link" href="/docs">
              API
            </a>
            <button type="button" className="nav-link" onClick={forgetKey}>
              Sign out
            </button>
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      <ScrollRestoration />
    </>
  );
}
