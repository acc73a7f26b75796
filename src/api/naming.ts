/** Words that objects of Kubernetes may be called by, and words that belong to the operator. */
import Type from 'typebox';
import { GROUP } from './group.ts';
import { Text } from './schema.ts';
import type { CelRule, FieldOptions } from './schema.ts';

const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LABEL_VALUE = '([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?';

/** Name of an object: lower-case letters, digits, '-' and '.', at most 253 characters (RFC 1123 subdomain). */
export function ObjectName(options: FieldOptions<string>) {
  return Text({
    minLength: 1,
    ...options,
    'x-kubernetes-validations': [
      {
        rule: `self.matches('^${DNS_LABEL}([.]${DNS_LABEL})*$')`,
        message: "must be lower-case letters, digits, '-' and '.', with a letter or digit at either end",
      },
    ],
  });
}

/** Name of a part of an object: lower-case letters, digits and '-', at most 63 characters (RFC 1123 label). */
export function PartName(options: FieldOptions<string>, rules: readonly CelRule[] = []) {
  return Text({
    minLength: 1,
    maxLength: 63,
    ...options,
    'x-kubernetes-validations': [
      {
        rule: `self.matches('^${DNS_LABEL}$')`,
        message: "must be lower-case letters, digits and '-', with a letter or digit at either end",
      },
      ...rules,
    ],
  });
}

/** Value of a label. */
export function LabelValue() {
  return Text({
    description: 'Value of the label.',
    maxLength: 63,
    'x-kubernetes-validations': [
      {
        rule: `self.matches('^${LABEL_VALUE}$')`,
        message: "must be letters, digits, '-', '_' and '.', with a letter or digit at either end",
      },
    ],
  });
}

/** The rule that a map has no key of the operator's own. */
export const noKeyOfOurs: CelRule = {
  rule: `self.all(key, !key.startsWith('${GROUP}/'))`,
  message: `keys that start with ${GROUP}/ are set by the operator`,
  messageExpression: `'%s is set by the operator; remove it'.format([self.filter(key, key.startsWith('${GROUP}/'))[0]])`,
};

/** A Kubernetes quantity of at least 0, such as 64Gi. A whole number may be written as one, as in a pod; it is read as a string. */
export function Quantity(options: FieldOptions<string>) {
  return Type.Unsafe<string>({
    type: 'string',
    'x-kubernetes-int-or-string': true,
    maxLength: 32,
    ...options,
    'x-kubernetes-validations': [
      {
        // The API server's isQuantity takes '+' and '.' for 0.
        rule: "type(self) == int ? self >= 0 : isQuantity(self) && self.matches('^[+]?[.]?[0-9]')",
        message: 'must be a Kubernetes quantity of at least 0, for example 500m, 8 or 64Gi',
        messageExpression: `'"%s" is not a Kubernetes quantity of at least 0; write for example 500m, 8 or 64Gi'.format([self])`,
      },
    ],
  });
}
