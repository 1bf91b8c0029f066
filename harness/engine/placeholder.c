typedef int placeholder_engine;
