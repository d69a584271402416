namespace Mlops.Serving;

/// <summary>Rows of a request in a batch.</summary>
/// <param name="Request">The request; the part holds a reference to it.</param>
/// <param name="FirstRow">The first row, in the request.</param>
/// <param name="Rows">How many.</param>
internal readonly record struct BatchPart(BatchRequest Request, int FirstRow, int Rows);
