/** One state of a definition in the Amazon States Language, as far as a drawing needs it. */
export interface StateDefinition {
  readonly Type: string;
  readonly Comment?: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: readonly ({ readonly Next?: string } & { readonly [key: string]: unknown })[];
  readonly Catch?: readonly { readonly ErrorEquals?: readonly string[]; readonly Next?: string }[];
  readonly Branches?: readonly MachineDefinition[];
  readonly Iterator?: MachineDefinition;
  readonly ItemProcessor?: MachineDefinition;
}

export interface MachineDefinition {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: { readonly [name: string]: StateDefinition };
}

export interface Workflow {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly definition: MachineDefinition;
  readonly createdAt: string;
}

export interface Alias {
  readonly name: string;
  readonly routes: readonly { readonly version: number; readonly weight: number }[];
}
