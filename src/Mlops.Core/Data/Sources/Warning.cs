namespace Mlops.Data;

/// <summary>What users of a source should know.</summary>
internal static class Warning
{
    public static string Decimal(string column) => $"Column '{column}' is decimal in the source and read as 64-bit floating point, which keeps 15 to 17 digits.";
}
