namespace Mlops.Data;

/// <summary>The type of one value of a column or of one element of a tensor.</summary>
public enum ElementType
{
    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A signed 8-bit integer.</summary>
    Int8,

    /// <summary>A signed 16-bit integer.</summary>
    Int16,

    /// <summary>A signed 32-bit integer.</summary>
    Int32,

    /// <summary>A signed 64-bit integer.</summary>
    Int64,

    /// <summary>An unsigned 8-bit integer.</summary>
    UInt8,

    /// <summary>An unsigned 16-bit integer.</summary>
    UInt16,

    /// <summary>An unsigned 32-bit integer.</summary>
    UInt32,

    /// <summary>An unsigned 64-bit integer.</summary>
    UInt64,

    /// <summary>An IEEE 754 number of 16 bits.</summary>
    Float16,

    /// <summary>An IEEE 754 number of 32 bits.</summary>
    Float32,

    /// <summary>An IEEE 754 number of 64 bits.</summary>
    Float64,

    /// <summary>Text.</summary>
    String,

    /// <summary>A day without time or zone. In tensors: days since 1970-01-01 as <see cref="Int64"/>.</summary>
    Date,

    /// <summary>A moment in UTC with a resolution of 100 ns. In tensors: seconds since 1970-01-01T00:00Z as <see cref="Float64"/>.</summary>
    Timestamp,
}
