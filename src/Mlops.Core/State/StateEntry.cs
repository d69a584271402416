namespace Mlops.State;

/// <summary>A value in a state store. A snapshot: later writes do not change it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
/// <param name="ETag">Identifies this content of the key; every write makes another one.</param>
public sealed record StateEntry(string Key, ReadOnlyMemory<byte> Value, string ETag);
