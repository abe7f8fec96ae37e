import assert from 'node:assert/strict';

import { by } from '../support/n8n.mjs';
import { BEN, CLEO } from '../support/world.mjs';

export const name = 'campaigns';

export async function run(world) {
	const made = await world.api('POST', '/v1/campaigns', {
		device: world.device,
		name: 'Spring',
		message: 'Spring is here, {{name}}',
		settings: { speed: 0 },
		contacts: [
			{ phone: BEN, name: 'Ben' },
			{ phone: CLEO, name: 'Cleo' },
		],
	});
	const form = { resource: 'campaign', operation: 'getCampaign' };
	const { results } = await world.n8n.list('searchCampaigns', form, 'spr');
	assert.deepEqual(results, [{ name: 'Spring', value: made.id }]);
	const campaign = { campaignId: by(results[0].value) };
	const shown = async () => await world.one('campaign', 'getCampaign', campaign);
	assert.deepEqual([(await shown()).status, (await shown()).stats.total], ['draft', 2]);

	await world.one('campaign', 'updateCampaignStatus', { ...campaign, campaignAction: 'start' });
	await world.ben.sees(({ text }) => text === 'Spring is here, Ben');
	await world.cleo.sees(({ text }) => text === 'Spring is here, Cleo');
	await world.until('it is completed', async () => (await shown()).status === 'completed');
	const listed = await world.act('campaign', 'getCampaigns', {
		returnAll: true,
		filters: { status: ['completed'], device: by(world.device) },
	});
	assert.deepEqual(
		listed.map(({ json }) => json.id),
		[made.id],
	);
	const people = await world.act('campaign', 'getCampaignContacts', {
		...campaign,
		returnAll: true,
		filters: { status: ['delivered'], target: `${BEN}, ${CLEO}` },
	});
	assert.deepEqual(people.map(({ json }) => json.phone).sort(), [BEN, CLEO]);

	await world.one('campaign', 'deleteCampaign', campaign);
	assert.deepEqual(await world.api('GET', '/v1/campaigns'), []);
}
