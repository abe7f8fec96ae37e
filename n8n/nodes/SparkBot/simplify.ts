import type { GenericValue, IDataObject } from 'n8n-workflow';

/** The fields that are named, `session.status` being one within another; what is not there is left out. */
export function simplify(entry: IDataObject, fields: string[]): IDataObject {
	const made: IDataObject = {};
	for (const field of fields) {
		const steps = field.split('.');
		let from: GenericValue | IDataObject = entry;
		for (const step of steps) from = (from as IDataObject | undefined | null)?.[step];
		if (from === undefined) continue;
		let to = made;
		for (const step of steps.slice(0, -1)) to = (to[step] ??= {}) as IDataObject;
		to[steps[steps.length - 1]] = from;
	}
	return made;
}
