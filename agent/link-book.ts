/**
 * How the links of the outlets are, read from the events that the uploaders tell.
 */
import type { OutletStatus } from "../shared/status.ts";
import type { KerbEvent } from "./host/events.ts";

interface LinkState {
	link: OutletStatus["link"];
	detail?: string;
	delivered: number;
}

export class LinkBook {
	readonly #links = new Map<string, LinkState>();

	/** Takes note of an event; those that are not about a link are passed over. */
	hear(event: KerbEvent): void {
		switch (event.event) {
			case "link_opened":
				this.#set(event.outlet, "connected");
				break;
			case "link_lost":
				this.#set(event.outlet, "waiting", event.reason);
				break;
			case "link_refused":
				this.#set(event.outlet, "refused", event.detail ?? event.reason);
				break;
			case "envelope_delivered":
				this.#of(event.outlet).delivered += 1;
				break;
			default:
		}
	}

	/** What is known of an outlet; connecting before its first event. */
	get(outletId: string): Readonly<LinkState> {
		return this.#of(outletId);
	}

	#set(outletId: string, link: LinkState["link"], detail?: string): void {
		const { delivered } = this.#of(outletId);
		this.#links.set(outletId, { link, delivered, ...(detail === undefined ? undefined : { detail: detail.slice(0, 500) }) });
	}

	#of(outletId: string): LinkState {
		const known = this.#links.get(outletId);
		if (known !== undefined) return known;
		const fresh: LinkState = { link: "connecting", delivered: 0 };
		this.#links.set(outletId, fresh);
		return fresh;
	}
}
