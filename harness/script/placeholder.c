typedef int placeholder_script;
