const FILE = {
	'{fileId}': { picker: null, label: 'File ID', placeholder: 'e.g. 5f0c9e2ab1d34c6789012345' },
};

export default {
	tag: 'Chat Files',
	name: 'Chat File',
	value: 'chatFile',
	default: 'getFiles',
	actions: [
		{
			id: 'chat.files.list',
			fields: {
				message: { label: 'WhatsApp Message IDs', placeholder: 'e.g. 3EB0DDE53C86B168BB69C0' },
				chat: { label: 'Chats' },
			},
		},
		{ id: 'chat.files.get', fields: FILE },
		{
			id: 'chat.files.download',
			fields: FILE,
			omit: { '?token': 'in place of a key; the node has one' },
			patience: 600,
		},
	],
};
