using Mlops.Data;

namespace Mlops.Training;

/// <summary>Fits what is done with some columns, in one pass over the data.</summary>
internal interface IColumnFitter
{
    /// <summary>Gets the columns that it reads.</summary>
    IEnumerable<ColumnSchema> Columns { get; }

    /// <summary>Takes in rows.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="targets">Their labels; <see langword="null"/> where no step asks for them.</param>
    void Add(DataBatch batch, LabelTargets? targets);

    /// <summary>Adds the inputs, nodes and features.</summary>
    void Build(GraphParts parts, LabelTargets? targets);
}
