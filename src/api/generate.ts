/** Writes what is made from the schemas; part of `npm run generate`. */
import { generatedFiles } from './generated-files.ts';
import { writeOrCheck } from './write-generated.ts';

await writeOrCheck(generatedFiles());
