import type { LayerPanelTexts } from '../../../src/protocol/chartTexts';
import type { LayerPanelQueries } from '../../../src/protocol/layerCharts';
import type { Host } from '../../api';

/** What the panel of a layer needs of the page's connection. */
export type LayerPanelHost = Pick<
  Host<LayerPanelTexts, unknown, string, LayerPanelQueries>,
  'texts' | 'language' | 'ask' | 'save' | 'recall' | 'remember'
>;
