import { Command } from 'commander';
import { PACKAGE_VERSION } from '../api/version.ts';
import { calibrateCommand } from './calibrate.ts';
import { estimateCommand } from './estimate.ts';
import { explainCommand } from './explain.ts';
import { reportFailure } from './failure.ts';
import { exportCommand } from './export.ts';
import { planCommand } from './plan.ts';
import { profileCommand } from './profile.ts';
import { renderCommand } from './render.ts';
import { solveCommand } from './solve.ts';

/** Does what the command line asks for, and sets the exit code. */
export async function runProgram(): Promise<void> {
  const program = new Command('uniap')
    .description('Plans the parallelism of a training job, with proof.')
    .version(PACKAGE_VERSION)
    .showHelpAfterError('(uniap --help lists the commands)')
    .addCommand(planCommand())
    .addCommand(explainCommand())
    .addCommand(estimateCommand())
    .addCommand(renderCommand())
    .addCommand(exportCommand())
    .addCommand(solveCommand())
    .addCommand(profileCommand())
    .addCommand(calibrateCommand());
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = reportFailure(error, (line) => process.stderr.write(line));
  }
}
