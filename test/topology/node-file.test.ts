import test from 'ava';
import { readNodeFile } from '../../src/cluster/node-file.ts';

const NODE = `apiVersion: v1
kind: Node
metadata:
  name: node-1
  labels: {gpu: "true"}
status:
  allocatable: {nvidia.com/gpu: "8"}
`;
const POD = `apiVersion: v1
kind: Pod
metadata: {name: pod-1, namespace: team-a}
spec: {nodeName: node-1, containers: [{name: main}]}
`;
const indented = (text: string) => text.replaceAll('\n', '\n  ').trimEnd();

const FILES: Readonly<Record<string, string>> = {
  'a single Node': NODE,
  'a List as kubectl prints it': `apiVersion: v1\nitems:\n- ${indented(NODE)}\nkind: List\nmetadata: {resourceVersion: ""}\n`,
  'a NodeList': `apiVersion: v1\nkind: NodeList\nitems:\n- ${indented(NODE)}\n`,
  'several documents, empty ones among them': `---\n---\n${NODE}---\n# nothing\n---\n`,
  JSON: '{"kind": "Node", "metadata": {"name": "node-1", "labels": {"gpu": "true"}}, "status": {"allocatable": {"nvidia.com/gpu": "8"}}}',
};

for (const [name, text] of Object.entries(FILES)) {
  test(`reads ${name}`, (t) => {
    const { nodes, pods } = readNodeFile(text, 'nodes.yaml');
    t.deepEqual(
      nodes.map(({ metadata, status }) => [metadata?.name, metadata?.labels, status?.allocatable]),
      [['node-1', { gpu: 'true' }, { 'nvidia.com/gpu': '8' }]],
    );
    t.deepEqual(pods, []);
  });
}

test('reads pods beside nodes', (t) => {
  const { nodes, pods } = readNodeFile(`kind: List\nitems:\n- ${indented(NODE)}\n- ${indented(POD)}\n`, 'nodes.yaml');
  t.deepEqual([nodes.length, pods.length, pods[0]?.spec?.nodeName], [1, 1, 'node-1']);
});

const REMEDY = 'give what "kubectl get nodes -o yaml" prints, or "kubectl get nodes,pods -A -o yaml"';

const FAULTS: Readonly<Record<string, readonly [text: string, message: string]>> = {
  'nothing in it': ['', `nodes.yaml: no Node in the file; ${REMEDY}`],
  'only pods': [POD, `nodes.yaml: no Node in the file; ${REMEDY}`],
  'an object of another kind': [
    `${NODE}---\nkind: Deployment\n`,
    `nodes.yaml:9:1: expected Nodes and Pods, found Deployment; ${REMEDY}`,
  ],
  'an object of another kind in a List': [
    'kind: List\nitems:\n- kind: Service\n',
    `nodes.yaml:3:3: expected Nodes and Pods, found Service; ${REMEDY}`,
  ],
  'plain text': ['hello', `nodes.yaml:1:1: expected Nodes and Pods, found something without a kind; ${REMEDY}`],
  'a label that YAML reads as a boolean': [
    NODE.replace('{gpu: "true"}', '\n    feature.node.kubernetes.io/rdma.available: true'),
    `nodes.yaml:6:48: metadata.labels.feature.node.kubernetes.io/rdma.available must be string; ${REMEDY}`,
  ],
  'a node without a name': ['kind: Node\n', `nodes.yaml:1:1: must have required properties metadata; ${REMEDY}`],
  'a pod whose containers are none': [
    `${NODE}---\n${POD.replace('[{name: main}]', 'main')}`,
    `nodes.yaml:12:38: spec.containers must be array; ${REMEDY}`,
  ],
  'a node that stands twice': [
    `${NODE}---\n${NODE}`,
    'nodes.yaml:9:1: Node node-1 stands in line 1 already; give each once',
  ],
  'no YAML': [
    'kind: Node\nmetadata: {name: [}\n',
    'nodes.yaml:2:19: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
};

for (const [name, [text, message]] of Object.entries(FAULTS)) {
  test(`says where it is wrong: ${name}`, (t) => {
    t.throws(() => readNodeFile(text, 'nodes.yaml'), { name: 'UserError', message });
  });
}
