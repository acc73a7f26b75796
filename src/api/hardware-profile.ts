/** What was measured of the links among devices: `HardwareProfile`. */
import Type from 'typebox';
import { Resource } from './resource.ts';
import { Bytes, Decimal, List, OneOf, WholeNumber } from './schema.ts';
import { Provenance } from './provenance.ts';

const MessageTime = Type.Object(
  {
    bytes: Bytes({ description: 'The whole tensor on one rank: before a reduction, after a gathering.' }),
    seconds: Decimal({ description: 'Time until every rank is done.' }),
  },
  { additionalProperties: false, description: 'Time of one message size.' },
);

/** Exactly what was measured: times by message size, or the bandwidth at large messages alone. */
const figures = {
  times: List(MessageTime, { description: 'Time by message size.', maxItems: 256, default: [] }),
  bytesPerSecond: Type.Optional(
    Decimal({
      description:
        'Bandwidth at large messages, where no times are given. Of a collective the bus bandwidth, as nccl-tests defines it.',
    }),
  ),
};

const Collective = Type.Object(
  {
    operation: OneOf(['AllReduce', 'AllGather', 'ReduceScatter', 'AllToAll'], { description: 'The collective.' }),
    size: WholeNumber({ description: 'Ranks in the group.', minimum: 2 }),
    stride: WholeNumber({ description: 'Distance from one rank of the group to the next.', minimum: 1, default: 1 }),
    membersPerNode: WholeNumber({ description: 'Ranks of the group on one node; size: it lies inside.', minimum: 1 }),
    ...figures,
  },
  { additionalProperties: false, description: 'A collective among groups that fill the ranks, all at once.' },
);

const PointToPoint = Type.Object(
  {
    stride: WholeNumber({ description: 'Distance from sender to receiver, in ranks.', minimum: 1 }),
    acrossNodes: Type.Boolean({ description: 'Whether some of the pairs lie on two nodes.' }),
    ...figures,
  },
  { additionalProperties: false, description: 'Every rank sends to one other, all at once.' },
);

export const HardwareProfile = Resource(
  'HardwareProfile',
  {
    spec: Type.Object(
      {
        provenance: Provenance,
        collectives: List(Collective, { description: 'Collectives.', maxItems: 1024, default: [] }),
        pointToPoint: List(PointToPoint, { description: 'Sends from rank to rank.', maxItems: 256, default: [] }),
        computationSlowdown: Type.Optional(
          Decimal({ description: 'How many times as long computation takes while communication runs beside it.' }),
        ),
      },
      { additionalProperties: false, description: 'The figures.' },
    ),
  },
  { description: 'Measured times of communication among devices.' },
);

export type HardwareProfile = Type.Static<typeof HardwareProfile>;
