export const WEEKDAYS = [
	'monday',
	'tuesday',
	'wednesday',
	'thursday',
	'friday',
	'saturday',
	'sunday',
];

export const dayName = (day) => day[0].toUpperCase() + day.slice(1);

/** Fields of each weekday; `fieldsOf` tells those of one by its key and name. */
export const eachDay = (fieldsOf) =>
	Object.assign({}, ...WEEKDAYS.map((day) => fieldsOf(day, dayName(day))));
