/**
 * The catalogues that come with the build, as plain JSON values: `law init` writes one into a law folder, where it is signed; whoever reads
 * it checks it against `CatalogueSchema` like any other document.
 */
import cn from "./cn.json" with { type: "json" };
import { deriveCatalogue } from "./derive-catalogue.ts";
import eu from "./eu.json" with { type: "json" };
import us from "./us.json" with { type: "json" };

/** Keyed by catalogue id. */
export const shippedCatalogues: Readonly<Record<string, unknown>> = { cn, eu: deriveCatalogue(cn, eu), us: deriveCatalogue(cn, us) };
