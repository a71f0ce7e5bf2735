// All the features the console has: a plain list that can be read aloud.
import type { Feature } from '../lib/feature';
import access from '../features/access';
import analytics from '../features/analytics';
import audit from '../features/audit';
import catalog from '../features/catalog';
import channels from '../features/channels';
import collect from '../features/collect';
import connectors from '../features/connectors';
import content from '../features/content';
import home from '../features/home';
import journeys from '../features/journeys';
import models from '../features/models';
import profiles from '../features/profiles';
import quality from '../features/quality';
import segments from '../features/segments';
import tags from '../features/tags';
import system from '../features/system';

export const features: Feature[] = [home, profiles, segments, tags, models, analytics, journeys, content, channels, collect, quality, catalog, connectors, access, audit, system];
