/** Volumes of a pod as folders. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { V1ConfigMapProjection, V1Pod, V1Volume, V1VolumeProjection } from '@kubernetes/client-node';
import type { NamedObjects } from './named-objects.ts';
import { podField } from './pod-fields.ts';

export interface VolumePlace {
  /** For the volumes of this pod. */
  readonly folder: string;
  /** Holds what nodes hold at the paths of `hostPath`: all nodes share it, like a network file system. */
  readonly hostFolder: string;
}

/**
 * Makes the folders of a pod's volumes.
 *
 * @returns the folder of each volume by its name.
 * @throws Error where an object is not there that is not optional, or the agent does not know a kind of volume.
 */
export async function makeVolumes(
  pod: V1Pod,
  place: VolumePlace,
  objects: NamedObjects,
): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const volume of pod.spec?.volumes ?? [])
    folders.set(volume.name, await makeVolume(volume, pod, { ...place, objects }));
  return folders;
}

async function makeVolume(
  volume: V1Volume,
  pod: V1Pod,
  place: VolumePlace & { readonly objects: NamedObjects },
): Promise<string> {
  if (volume.hostPath !== undefined) {
    const folder = join(place.hostFolder, volume.hostPath.path);
    await mkdir(folder, { recursive: true });
    return folder;
  }
  const folder = join(place.folder, volume.name);
  await mkdir(folder, { recursive: true });
  for (const [path, content] of await filesOf(volume, pod, place.objects)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return folder;
}

type Files = readonly (readonly [path: string, content: Buffer | string])[];

async function filesOf(volume: V1Volume, pod: V1Pod, objects: NamedObjects): Promise<Files> {
  if (volume.emptyDir !== undefined) return [];
  const sources = sourcesOf(volume);
  if (sources === undefined) throw new Error(`volume ${volume.name} is of a kind that the test agent does not know`);
  return (await Promise.all(sources.map((source) => projectedFiles(source, pod, objects)))).flat();
}

/** Volumes of one source as projected ones; a Secret is named otherwise in these. */
function sourcesOf({ configMap, secret, downwardAPI, projected }: V1Volume): readonly V1VolumeProjection[] | undefined {
  if (configMap !== undefined) return [{ configMap }];
  if (downwardAPI !== undefined) return [{ downwardAPI }];
  if (secret === undefined) return projected?.sources;
  const { secretName: name, ...rest } = secret;
  return [{ secret: name === undefined ? rest : { name, ...rest } }];
}

/** Tokens of service accounts are left out: programs look for them at a fixed path, which no process can be given. */
async function projectedFiles(source: V1VolumeProjection, pod: V1Pod, objects: NamedObjects): Promise<Files> {
  const { configMap, secret, downwardAPI } = source;
  if (configMap !== undefined) return chosen(configMap, await objects.contents('ConfigMap', configMap, pod));
  if (secret !== undefined) return chosen(secret, await objects.contents('Secret', secret, pod));
  return (downwardAPI?.items ?? []).map(({ path, fieldRef }) => [path, podField(pod, fieldRef?.fieldPath ?? '')]);
}

/** All keys, or those that are chosen, at the paths that are chosen for them. */
function chosen(
  { name = '', items, optional = false }: V1ConfigMapProjection,
  contents: ReadonlyMap<string, Buffer>,
): Files {
  if (items === undefined) return [...contents];
  return items.flatMap(({ key, path }): Files => {
    const content = contents.get(key);
    if (content === undefined && !optional) throw new Error(`${name} has no key ${key}`);
    return content === undefined ? [] : [[path, content]];
  });
}
