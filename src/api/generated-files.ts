/** The files that are made from the schemas, as text. */
import { stringify } from 'yaml';
import { customResourceDefinition } from './crd.ts';
import { DEFINITIONS, type ResourceDefinition } from './definitions.ts';
import { GROUP } from './group.ts';
import { apiReference } from './reference.ts';

const NOTICE = '# Generated from src/api by `npm run generate`. Do not edit.\n';

function crdText(definition: ResourceDefinition): string {
  return NOTICE + stringify(customResourceDefinition(definition), { lineWidth: 120, aliasDuplicateObjects: false });
}

/** Path from the root of the repository and text of each. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...DEFINITIONS.map((definition) => [`crds/${GROUP}_${definition.plural}.yaml`, crdText(definition)] as const),
    ['docs/api.md', apiReference(DEFINITIONS)],
  ]);
}
