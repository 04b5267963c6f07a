/** Reports of trainings and evaluations: overlay pictures, training curves and one self-contained HTML page. */
package org.attunet.report;
