export const kindsOfOrganisation = ['department', 'centre', 'team', 'committee', 'judicial-office', 'station'] as const
