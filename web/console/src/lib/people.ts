// Finding people, for pickers.
import { type PersonLine, call } from './api';

export const searchPeople = (q: string): Promise<PersonLine[]> => call('GET /people', { query: { q, limit: 12 } }).then((answer) => answer.items);
