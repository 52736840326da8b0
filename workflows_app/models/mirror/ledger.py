"""Transactions, their lines, and payments, as NetSuite has them."""

from django.db import models
from django.db.models import Q

from workflows_app.models.fields import money, reference, text_id


class Transaction(models.Model):
    """An invoice, payment, order, estimate or vendor bill."""

    id = text_id()
    type = models.CharField(max_length=16)
    tranid = models.CharField(max_length=60)
    customer_id = reference(blank=True, null=True)
    vendor_id = reference(blank=True, null=True)
    trandate = models.DateField()
    duedate = models.DateField(null=True, blank=True)
    foreigntotal = money()
    foreignamountunpaid = money(default=0)
    status = models.CharField(max_length=40)
    lastmodifieddate = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "transactions"
        constraints = [
            models.CheckConstraint(
                condition=Q(type__in=["CustInvc", "CustPymt", "SalesOrd", "Estimate", "VendBill"]),
                name="transaction_type_known",
            ),
        ]
        indexes = [
            # the dispute's invoice by its number.
            models.Index(fields=["type", "tranid"], name="transaction_by_number"),
            # invoices and orders of a customer, newest first; the order-pattern scan.
            models.Index(fields=["customer_id", "type", "trandate"], name="transaction_by_customer"),
            # the AR aging rebuild.
            models.Index(
                fields=["duedate"],
                condition=Q(type="CustInvc", foreignamountunpaid__gt=0),
                name="transaction_open",
            ),
            # the order-pattern scan reads the last weeks of orders.
            models.Index(fields=["type", "trandate"], name="transaction_by_date"),
        ]

    def __str__(self) -> str:
        return self.tranid


class TransactionLine(models.Model):
    """One line of a transaction; `quantity` counts cases."""

    id = text_id()
    transaction_id = reference()
    line = models.PositiveIntegerField()
    item_code = models.CharField(max_length=40, blank=True, null=True)
    description = models.CharField(max_length=200, blank=True, null=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=2)
    rate = money()
    amount = money()

    class Meta:
        db_table = "transaction_lines"
        constraints = [models.UniqueConstraint(fields=["transaction_id", "line"], name="transaction_line_once")]
        indexes = [
            # best sellers and the order-pattern scan.
            models.Index(fields=["item_code", "transaction_id"], name="transaction_line_by_item"),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_id}/{self.line}"


class CustomerPayment(models.Model):
    """What of a payment is applied to one transaction, or unapplied when `transaction_id` is empty."""

    id = text_id()
    payment_id = reference(blank=True, null=True, help_text="transactions.id of the payment itself.")
    customer_id = reference()
    transaction_id = reference(blank=True, null=True)
    amount = money()
    payment_date = models.DateField()

    class Meta:
        db_table = "customer_payments"
        constraints = [
            models.UniqueConstraint(fields=["payment_id", "transaction_id"], name="payment_applied_once"),
            models.UniqueConstraint(
                fields=["payment_id"], condition=Q(transaction_id__isnull=True), name="payment_rest_once"
            ),
        ]
        indexes = [
            # recent payments of a customer.
            models.Index(fields=["customer_id", "payment_date"], name="payment_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.amount}"
