using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Finds the label that checks look at.</summary>
internal static class LabelColumns
{
    /// <summary>Tells why there is no label to look at; <see langword="null"/> where there is one.</summary>
    public static string? FindObstacle(DataSchema schema)
    {
        var labels = schema.Where(column => column.Role == ColumnRole.Label).ToArray();
        return labels.Length switch
        {
            0 => "No column has the role Label.",
            > 1 => "Several columns have the role Label.",
            _ => labels[0].Width > 1 ? "The label holds vectors." : null,
        };
    }

    public static int IndexOf(DataSchema schema) => schema.IndexOf(schema.Single(ColumnRole.Label).Name);
}
