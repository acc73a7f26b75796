/** What was measured of the links among devices: `HardwareProfile`. */
import Type from 'typebox';
import { Provenance } from './provenance.ts';
import { Resource } from './resource.ts';
import { Bytes, List, Measure, OneOf, WholeNumber, type CelRule } from './schema.ts';

/** Links inside a node. */
export const NODE_LINKS = ['NVLink', 'xGMI', 'PCIe'] as const;

/** Networks between nodes. */
export const NETWORKS = ['InfiniBand', 'RoCE', 'EFA', 'Ethernet'] as const;

const MessageTime = Type.Object(
  {
    bytes: Bytes({ description: 'The whole tensor on one rank: before a reduction, after a gathering.' }),
    seconds: Measure({ description: 'Time until every rank is done.' }),
  },
  { additionalProperties: false, description: 'Time of one message size.' },
);

/** Exactly what was measured: times by message size, or the bandwidth at large messages alone. */
const figures = {
  times: List(MessageTime, { description: 'Time by message size.', maxItems: 256, default: [] }),
  bytesPerSecond: Type.Optional(
    Measure({
      description:
        'Bandwidth at large messages, where no times are given. Of a collective the bus bandwidth, as nccl-tests defines it.',
      'x-kubernetes-validations': [{ rule: 'double(self) > 0.0', message: 'must be more than 0' }],
    }),
  ),
};

const timesOrBandwidth: CelRule = {
  rule: '(self.times.size() > 0) != has(self.bytesPerSecond)',
  message: 'give either times or bytesPerSecond',
};

const Collective = Type.Object(
  {
    operation: OneOf(['AllReduce', 'AllGather', 'ReduceScatter', 'AllToAll'], { description: 'The collective.' }),
    size: WholeNumber({ description: 'Ranks in the group.', minimum: 2 }),
    stride: WholeNumber({ description: 'Distance from one rank of the group to the next.', minimum: 1, default: 1 }),
    membersPerNode: WholeNumber({ description: 'Ranks of the group on one node; size: it lies inside.', minimum: 1 }),
    ...figures,
  },
  {
    additionalProperties: false,
    description: 'A collective among groups that fill the ranks, all at once.',
    'x-kubernetes-validations': [
      timesOrBandwidth,
      {
        rule: 'self.size % self.membersPerNode == 0',
        message: 'size must be a multiple of membersPerNode',
        messageExpression: `'%d ranks cannot be %d on each node'.format([self.size, self.membersPerNode])`,
        fieldPath: '.membersPerNode',
      },
    ],
  },
);

const PointToPoint = Type.Object(
  {
    stride: WholeNumber({ description: 'Distance from sender to receiver, in ranks.', minimum: 1 }),
    acrossNodes: Type.Boolean({ description: 'Whether some of the pairs lie on two nodes.' }),
    ...figures,
  },
  {
    additionalProperties: false,
    description: 'Every rank sends to one other, all at once.',
    'x-kubernetes-validations': [timesOrBandwidth],
  },
);

export const HardwareProfile = Resource(
  'HardwareProfile',
  {
    spec: Type.Object(
      {
        provenance: Provenance,
        ranks: Type.Optional(
          WholeNumber({
            description: 'Ranks that took part; a job of more is not planned from it. Absent: any number.',
            minimum: 1,
          }),
        ),
        ranksPerNode: Type.Optional(
          WholeNumber({
            description: 'Of these, on each node, as many as of the jobs that are planned from it. Absent: any number.',
            minimum: 1,
          }),
        ),
        nodeLink: Type.Optional(OneOf(NODE_LINKS, { description: 'Link inside a node. Absent: any.' })),
        network: Type.Optional(OneOf(NETWORKS, { description: 'Network between nodes. Absent: any.' })),
        collectives: List(Collective, { description: 'Collectives.', maxItems: 1024, default: [] }),
        pointToPoint: List(PointToPoint, { description: 'Sends from rank to rank.', maxItems: 256, default: [] }),
        arrayBytesPerSecond: Type.Optional(
          Measure({
            description:
              'Rate at which a rank reads and writes long arrays, all ranks at once: bytes read and bytes written together.',
            'x-kubernetes-validations': [{ rule: 'double(self) > 0.0', message: 'must be more than 0' }],
          }),
        ),
        computationSlowdown: Type.Optional(
          Measure({
            description: 'How many times as long computation takes while communication runs beside it.',
            'x-kubernetes-validations': [{ rule: 'double(self) >= 1.0', message: 'must be at least 1' }],
          }),
        ),
      },
      { additionalProperties: false, description: 'The figures.' },
    ),
  },
  {
    description:
      'Measured times of communication among devices, and the rate of their memory. Jobs on such devices are planned from it; one that has its plan keeps it when the profile changes.',
  },
);

export type HardwareProfile = Type.Static<typeof HardwareProfile>;
