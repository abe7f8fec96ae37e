import type { IDataObject } from 'n8n-workflow';

/** The type of the chat that an event is about; undefined when it is about none. */
function typeOf(data: IDataObject): string | undefined {
	const chat = data.chat as IDataObject | string | undefined;
	const id = String((typeof chat === 'object' ? chat?.id : chat) ?? data.wid ?? data.id ?? '');
	if (id.endsWith('@g.us')) return 'group';
	if (id.endsWith('@newsletter')) return 'channel';
	if (id === 'status@broadcast') return 'status';
	return id.endsWith('@c.us') || id.endsWith('@lid') ? 'chat' : undefined;
}

export function isOfTypes(data: IDataObject, types: string[]): boolean {
	const type = typeOf(data ?? {});
	return types.length === 0 || type === undefined || types.includes(type);
}
