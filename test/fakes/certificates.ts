/**
 * Certificates for tests, made by openssl in a folder of the test's own. All keys are on P-256; all live for two days at the most.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

export interface Pair {
	readonly certFile: string;
	readonly keyFile: string;
}

export interface Certificates {
	readonly caFile: string;
	/** Vouches for nothing below. */
	readonly otherCaFile: string;
	/** For localhost and 127.0.0.1. */
	readonly server: Pair;
	/** A second one for the same names, by the same authority. */
	readonly secondServer: Pair;
	/** For another host, by the same authority. */
	readonly wrongHost: Pair;
	/** For localhost, ended yesterday. */
	readonly expired: Pair;
	readonly client: Pair;
	/** A client that the other authority vouches for. */
	readonly foreignClient: Pair;
}

const openssl = (...args: readonly string[]): void => {
	execFileSync("openssl", args, { stdio: "ignore", timeout: 30_000 });
};

/** Makes all of them in `folder`. */
export const makeCertificates = (folder: string): Certificates => {
	const file = (name: string): string => join(folder, name);
	const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
	const authority = (name: string): string => {
		openssl(
			"req",
			"-x509",
			"-new",
			...newKey,
			"-keyout",
			file(`${name}.key`),
			"-out",
			file(`${name}.pem`),
			"-subj",
			`/CN=${name}`,
			"-days",
			"2",
		);
		return file(`${name}.pem`);
	};
	const pair = (name: string, ca: string, names: string, days: string): Pair => {
		const [certFile, keyFile, request, extensions] = [file(`${name}.pem`), file(`${name}.key`), file(`${name}.csr`), file(`${name}.ext`)];
		execFileSync("sh", ["-c", 'printf "%s\\n" "$1" > "$2"', "sh", `subjectAltName=${names}`, extensions]);
		openssl("req", "-new", ...newKey, "-keyout", keyFile, "-out", request, "-subj", `/CN=${name}`);
		openssl(
			...["x509", "-req", "-in", request, "-out", certFile, "-days", days, "-extfile", extensions],
			...["-CA", file(`${ca}.pem`), "-CAkey", file(`${ca}.key`), "-set_serial", String(name.length * 1_000 + name.charCodeAt(0))],
		);
		return { certFile, keyFile };
	};
	const caFile = authority("ca");
	const otherCaFile = authority("other-ca");
	const here = "DNS:localhost,IP:127.0.0.1";
	return {
		caFile,
		otherCaFile,
		server: pair("server", "ca", here, "2"),
		secondServer: pair("second-server", "ca", here, "2"),
		wrongHost: pair("wrong-host", "ca", "DNS:broker.example,IP:127.0.0.9", "2"),
		expired: pair("expired", "ca", here, "-1"),
		client: pair("client", "ca", "DNS:unit-1", "2"),
		foreignClient: pair("foreign-client", "other-ca", "DNS:unit-1", "2"),
	};
};
