namespace Mlops.Core.Generators;

/// <summary>The types of values that a property can have; up to <see cref="Timestamp"/> the numbers are those of <c>Mlops.Data.ElementType</c>.</summary>
internal enum Element
{
    Boolean,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float16,
    Float32,
    Float64,
    String,
    Date,
    Timestamp,

    /// <summary>A <c>DateTimeOffset</c>.</summary>
    OffsetTimestamp,
}
