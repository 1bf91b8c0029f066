typedef int placeholder_imf;
