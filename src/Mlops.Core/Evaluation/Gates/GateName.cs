namespace Mlops.Evaluation;

/// <summary>Refuses names of gates that a report could not show.</summary>
internal static class GateName
{
    public static string Of(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        return value;
    }
}
