typedef int placeholder_smtp;
