import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type App, CONFIGS, variablesOf } from './support/environment.js';

const example = readFileSync('.env.example', 'utf8');
const listed = [...example.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name);

describe('.env.example', () => {
  it('lists exactly the variables that the apps read', () => {
    const read = new Set((Object.keys(CONFIGS) as App[]).flatMap(variablesOf));
    expect(read.size).toBeGreaterThan(20);
    expect(listed.filter((name) => name.startsWith('SPOOL_')).toSorted()).toEqual([...read].toSorted());
  });

  it('lists each variable once', () => {
    expect(listed.filter((name, index) => listed.indexOf(name) !== index)).toEqual([]);
  });

  it('lists every variable that docker-compose.yml takes from it, and none of its own that is not taken', () => {
    const compose = readFileSync('docker-compose.yml', 'utf8');
    const taken = new Set([...compose.matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name = '']) => name));
    expect([...taken].filter((name) => !listed.includes(name))).toEqual([]);
    expect(listed.filter((name) => !name.startsWith('SPOOL_') && !taken.has(name))).toEqual([]);
  });

  it('has no secret in it', () => {
    const given = [...example.matchAll(/^([A-Z][A-Z0-9_]*)=(.+)$/gm)].map(([line]) => line);
    expect(given).toEqual([]);
  });
});
