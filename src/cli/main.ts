#!/usr/bin/env node
/** `uniap`: the functions of the operator for a person at a terminal. */
import { enableCompileCache } from 'node:module';

// Half of what starting takes is compiling: from the second time on it is read from Node's cache, where there can be one.
enableCompileCache();
const { runProgram } = await import('./program.ts');
await runProgram();
