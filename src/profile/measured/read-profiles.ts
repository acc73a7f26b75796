/** Measured profiles in text. */
import { noneOf, readDocuments } from '../../api/document.ts';
import { UserError } from '../../api/errors.ts';
import { parseResource } from '../../api/parse.ts';
import { HardwareProfile } from '../../api/hardware-profile.ts';
import { ModelProfile } from '../../api/model-profile.ts';

/** What was measured of a model and of the hardware, as far as it was. */
export interface Profiles {
  readonly model?: ModelProfile['spec'];
  readonly hardware?: HardwareProfile['spec'];
}

export interface ProfileText {
  readonly text: string;
  /** What errors call it. */
  readonly file: string;
}

/**
 * The profiles in some files: at most one ModelProfile and one HardwareProfile in all.
 *
 * @throws UserError where a file holds neither, or a second of a kind; InvalidDocumentError with every fault of a profile.
 */
export function readProfiles(files: readonly ProfileText[]): Profiles {
  return files.flatMap(profilesIn).reduce<Profiles>((profiles, { file, ...profile }) => {
    const twice = Object.keys(profile).find((kind) => kind in profiles);
    if (twice !== undefined) {
      throw new UserError({
        source: file,
        problem: `a second profile of the ${twice}`,
        remedy: 'give one ModelProfile and one HardwareProfile at most',
      });
    }
    return { ...profiles, ...profile };
  }, {});
}

type Found = Profiles & { readonly file: string };

function profilesIn({ text, file }: ProfileText): readonly Found[] {
  const documents = readDocuments(text, file);
  const profiles = documents.flatMap(({ kind, document, locate }): Found[] => {
    if (kind === 'ModelProfile') return [{ file, model: parseResource(ModelProfile, document, locate).spec }];
    if (kind === 'HardwareProfile') return [{ file, hardware: parseResource(HardwareProfile, document, locate).spec }];
    return [];
  });
  if (profiles.length === 0) throw noneOf(['ModelProfile', 'HardwareProfile'], documents, file);
  return profiles;
}
