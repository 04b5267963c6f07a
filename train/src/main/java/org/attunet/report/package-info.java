/** What a person looks at after a run: overlay pictures, training curves and one self-contained HTML page. */
package org.attunet.report;
