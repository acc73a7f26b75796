/** What measured profiles say of where they are from. */
import Type from 'typebox';
import { Moment, Text } from './schema.ts';

/** Where measured figures are from. What was not recorded is left out, not guessed. */
export const Provenance = Type.Object(
  {
    tool: Text({ description: 'Program that measured, with its version where it is known.', minLength: 1 }),
    source: Type.Optional(Text({ description: 'Files or documents that hold the figures.', maxLength: 1024 })),
    licence: Type.Optional(Text({ description: 'Licence of the figures, as SPDX names it.' })),
    device: Type.Optional(Text({ description: "Device measured, by the catalogue's name." })),
    driver: Type.Optional(Text({ description: 'Version of its driver.' })),
    torch: Type.Optional(Text({ description: 'Version of PyTorch.' })),
    image: Type.Optional(Text({ description: 'Container image that it was measured in.', maxLength: 1024 })),
    date: Type.Optional(Moment({ description: 'When it was measured.' })),
    note: Type.Optional(Text({ description: 'What else a reader must know.', maxLength: 1024 })),
  },
  { additionalProperties: false, description: 'Where the figures are from.' },
);

export type Provenance = Type.Static<typeof Provenance>;
