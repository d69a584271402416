namespace Mlops.Training;

/// <summary>Where a tensor lives.</summary>
internal enum GraphTensorPlace
{
    Input,
    Output,
    Workspace,
}
