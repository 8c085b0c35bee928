/** The randomness that States.UUID and States.MathRandom draw from. */
export interface Chance {
  random(): number;
  uuid(): string;
}
