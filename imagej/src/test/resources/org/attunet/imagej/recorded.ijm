// What the dialog records.
run("Close All");
open("FOLDER/picture.png");
run("Record...");
call("org.attunet.imagej.MacroRunner.runWithDialog", "Segment...", "nuclei");
File.saveString(call("org.attunet.imagej.MacroRunner.recorded"), "FOLDER/recorded.txt");
titles = getList("image.titles");
text = "";
for (i = 0; i < titles.length; i++) text += titles[i] + "\n";
File.saveString(text, "FOLDER/recorded-titles.txt");
