// Failures that a macro survives, and Escape.
run("Close All");
open("FOLDER/picture.png");
run("Segment...", "model=hippocampus labels continue");
File.saveString(call("org.attunet.imagej.SegmentCommand.error"), "FOLDER/slices.txt");
run("Segment...", "model=[no such.zip] labels continue");
File.saveString(call("org.attunet.imagej.SegmentCommand.error"), "FOLDER/model.txt");
newImage("two", "16-bit composite-mode", 64, 64, 2, 1, 1);
run("Segment...", "model=nuclei labels continue");
File.saveString(call("org.attunet.imagej.SegmentCommand.error"), "FOLDER/channels.txt");
run("Close All");
open("FOLDER/picture.png");
run("Segment...", "model=nuclei table");
File.saveString(call("org.attunet.imagej.SegmentCommand.error"), "FOLDER/success.txt");
close("*");

open("FOLDER/slow.tif");
call("org.attunet.imagej.MacroRunner.pressEscape");
run("Segment...", "model=nuclei labels table continue");
call("org.attunet.imagej.MacroRunner.releaseEscape");
File.saveString("" + nImages + " " + getTitle() + " " + call("org.attunet.imagej.SegmentCommand.error"), "FOLDER/cancelled.txt");
close("*");
