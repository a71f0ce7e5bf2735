import { expect, test } from 'vitest';
import type { Sharing } from '../../../lib/api';
import { howOf, sharingOf, usersOf } from './sharing';

test('a sharing survives the dialog', () => {
  const all: Sharing[] = [{ with: 'workspace', can: 'edit' }, { with: 'workspace', can: 'read' }, { with: 'named', users: [] }, { with: 'named', users: [{ id: 'usr_1', can: 'read' }, { id: 'usr_2', can: 'edit' }] }];
  for (const sharing of all) expect(sharingOf(howOf(sharing), usersOf(sharing))).toEqual(sharing);
});
