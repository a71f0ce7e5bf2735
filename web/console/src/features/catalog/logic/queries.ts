// What several pages of the catalogue ask.
import { useQuery } from '@tanstack/react-query';
import { call } from '../../../lib/api';
import { queries } from '../../../lib/query';

export const useTypes = () => useQuery({ queryKey: ['catalog', 'types'], queryFn: () => call('GET /catalog/types').then((answer) => answer.items) });

export const useThingTags = () => useQuery({ queryKey: ['catalog', 'tags', 'all'], queryFn: () => call('GET /catalog/tags', { query: { limit: 500 } }).then((answer) => answer.items.filter((one) => one.state === 'active')) });

export const refreshCatalog = () => void queries.invalidateQueries({ queryKey: ['catalog'] });
