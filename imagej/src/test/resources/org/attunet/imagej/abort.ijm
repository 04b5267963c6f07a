// A failure without "continue" ends the macro.
run("Close All");
open("FOLDER/picture.png");
run("Segment...", "model=nuclei lables");
File.saveString("reached", "FOLDER/after.txt");
