namespace Mlops.Data;

/// <summary>Some whole rows of a CSV source.</summary>
/// <param name="Bytes">The rows, in UTF-8; valid until the memory is given back.</param>
/// <param name="LinesBefore">The number of lines of the source before them.</param>
/// <param name="Memory">The rented memory that holds them.</param>
internal readonly record struct CsvBlock(ReadOnlyMemory<byte> Bytes, long LinesBefore, byte[] Memory);
