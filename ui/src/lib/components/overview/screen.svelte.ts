import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { backend, type Key } from '$lib/backend';
import { stoppedKeysQuery } from '$lib/components/keys/pages';
import { endsBefore } from '$lib/components/keys/status';
import { unitLabel } from '$lib/format/amount';
import { app } from '$lib/state/app.svelte';
import { clock } from '$lib/state/clock.svelte';
import { filters } from '$lib/state/filters.svelte';
import { keyTotal } from '$lib/state/key-counts';
import { endpointsQuery, keyCountsQuery, platformsQuery, wholeList } from '$lib/state/queries';
import { range } from '$lib/state/range.svelte';
import { usageQuery, type RangeName } from '$lib/state/ranges';
import { needsAttention } from './attention';
import { platformRows } from './rows';

const byPlatform = (name: () => RangeName) =>
	createQuery(() => ({
		queryKey: ['usage', 'platforms', name()],
		queryFn: () => backend.getUsage(usageQuery(name(), Date.now(), { group_by: 'platform' })),
		placeholderData: keepPreviousData
	}));

/** Keys that end soon: few, whatever the number of all. */
const endingKeysQuery = () =>
	createQuery(() => ({
		queryKey: ['keys', 'ending'],
		queryFn: () =>
			wholeList<Key>((cursor) =>
				backend.listKeys({
					status: 'active',
					expires_before: endsBefore(Date.now()),
					cursor,
					limit: 200
				})
			)
	}));

const ofChosen = <T extends { platform: string }>(all: T[] | undefined) =>
	(all ?? []).filter(({ platform }) => !filters.platform || platform === filters.platform);

/** What the overview asks for, and what it makes of the answers. */
export class OverviewScreen {
	readonly platforms = platformsQuery();
	#stopped = stoppedKeysQuery();
	#counts = keyCountsQuery();
	#ending = endingKeysQuery();
	#endpoints = endpointsQuery();
	#usage = byPlatform(() => range.name);
	#week = byPlatform(() => 'week');

	/** The platforms that are shown. */
	shown = $derived(
		(this.platforms.data ?? []).filter(({ slug }) => !filters.platform || slug === filters.platform)
	);
	/** Where one platform is shown, what it counts in: `Credits`, `USD`. */
	creditsTitle = $derived(unitLabel(this.shown[0]?.unit ?? { name: 'credits', decimals: 0 }));
	/** Whether there is nothing yet but the platforms. */
	isNew = $derived(this.#counts.data !== undefined && keyTotal(this.#counts.data) === 0);
	matters = $derived(
		needsAttention({
			now: clock.now,
			me: app.state?.me ?? null,
			platforms: this.shown,
			keys: ofChosen(this.#ending.data),
			endpoints: ofChosen(this.#endpoints.data),
			week: this.#week.data
		})
	);
	/** The keys that the charts are marked with. */
	stoppedKeys = $derived(
		ofChosen(this.#stopped.data).filter(
			({ environment }) => !filters.environment || environment === filters.environment
		)
	);
	rows = $derived(
		platformRows(
			this.shown,
			this.#counts.data ?? [],
			this.#endpoints.data ?? [],
			this.#usage.data,
			this.#week.data
		)
	);
}
