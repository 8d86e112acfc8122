import type { Environment } from '$lib/backend';

/** What every screen shows: live and test or one of them, all platforms or one. */
class Filters {
	environment = $state<Environment | null>(null);
	platform = $state<string | null>(null);

	togglePlatform(slug: string) {
		this.platform = this.platform === slug ? null : slug;
	}

	clear() {
		this.environment = null;
		this.platform = null;
	}
}

export const filters = new Filters();
